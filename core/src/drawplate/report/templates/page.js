// Draws the charts when they come into view, and shows the genome of a candidate that is clicked.
(function () {
  "use strict";
  var read = function (id) { return JSON.parse(document.getElementById(id).textContent); };
  var figures = read("figures"), searches = read("searches");
  var config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"] };

  function lines(search, n) {
    var found = [];
    Object.keys(search.metrics).forEach(function (name) {
      var metric = search.metrics[name], value = metric.values[n];
      if (value !== null) found.push([name, +value.toPrecision(5) + " " + metric.unit + " (" + metric.source + ")"]);
    });
    Object.keys(search.genome).forEach(function (gene) {
      var value = search.genome[gene][n];
      if (value !== null) found.push([gene, Array.isArray(value) ? value.join(", ") : String(value)]);
    });
    return found;
  }

  function shown(text) { return text.replace(/</g, "&lt;"); }  // Plotly would read a tag

  function hover(search, n) {
    return "generation " + search.generation[n] + "<br>" +
      lines(search, n).map(function (line) { return shown(line[0] + ": " + line[1]); }).join("<br>");
  }

  function pick(place, search, n) {
    var panel = place.parentNode.querySelector(".picked"), list = document.createElement("dl");
    [["candidate", search.keys[n]], ["generation", String(search.generation[n])]].concat(lines(search, n))
      .forEach(function (line) {
        var term = document.createElement("dt"), value = document.createElement("dd");
        term.textContent = line[0];
        value.textContent = line[1];
        list.append(term, value);
      });
    panel.replaceChildren(list);
  }

  // What WebGL draws is not printed: a picture of it is.
  function solid(name) { return figures[name].data.some(function (trace) { return trace.type === "surface"; }); }

  function still(place) {
    Plotly.toImage(place, { format: "png", scale: 2 }).then(function (url) {
      var picture = document.createElement("img");
      picture.className = "still";
      picture.alt = "";
      picture.src = url;
      place.parentNode.insertBefore(picture, place);
      place.classList.add("drawn-by-gl");
    });
  }

  function draw(place) {
    var name = place.dataset.chart, figure = figures[name], search = searches[name];
    if (place.dataset.drawn) return;
    place.dataset.drawn = "yes";
    if (search) {
      figure.data.forEach(function (trace) {
        trace.text = trace.customdata.map(function (n) { return hover(search, n); });
        trace.hovertemplate = "%{text}<extra></extra>";
      });
    }
    Plotly.newPlot(place, figure.data, figure.layout, config).then(function () { if (solid(name)) still(place); });
    if (search) place.on("plotly_click", function (event) { pick(place, search, event.points[0].customdata); });
  }

  var places = document.querySelectorAll(".chart");
  var seen = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) { if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); } });
  }, { rootMargin: "400px" });
  places.forEach(function (place) { seen.observe(place); });
  window.addEventListener("load", function () {
    setTimeout(function () { places.forEach(function (place) { if (solid(place.dataset.chart)) draw(place); }); }, 1000);
  });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (part) { part.open = true; });
    places.forEach(draw);
  });
})();
