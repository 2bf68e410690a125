// Unpacks the chart library, draws the charts when they come into view, and shows the genome of a candidate that is clicked.
(function () {
  "use strict";
  var read = function (id) { return JSON.parse(document.getElementById(id).textContent); };
  var figures = read("figures"), searches = read("searches"), places = document.querySelectorAll(".chart");
  var config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"] };
  var night = window.matchMedia("(prefers-color-scheme: dark)"), printing = false;

  // What a genome is made of: fc1.w, fc2.w are one line about w.
  function genes(genome, n) {
    var lines = [], groups = {};
    Object.keys(genome).forEach(function (gene) {
      var value = genome[gene][n], at = gene.lastIndexOf(".");
      if (value === null) return;
      var text = Array.isArray(value) ? value.join(", ") : String(value), group = gene.slice(at + 1);
      if (at < 0) { lines.push([gene, text]); return; }
      if (!(group in groups)) { groups[group] = lines.length; lines.push([group, ""]); }
      var line = lines[groups[group]];
      line[1] += (line[1] ? ", " : "") + gene.slice(0, at) + " " + text;
    });
    return lines;
  }

  function lines(search, n) {
    var found = [];
    Object.keys(search.metrics).forEach(function (name) {
      var metric = search.metrics[name], value = metric.values[n];
      if (value !== null) found.push([name, +value.toPrecision(5) + " " + metric.unit + " (" + metric.source + ")"]);
    });
    return found.concat(genes(search.genome, n));
  }

  function shown(text) {  // Plotly would read a tag; a long line leaves the screen
    return text.replace(/(.{48,}?) /g, "$1\n").replace(/</g, "&lt;").replace(/\n/g, "<br>   ");
  }

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

  // Charts are made for white paper; in the dark its colours change places with those of the page.
  function dyed(value, colours) {
    if (typeof value === "string") return colours[value] || value;
    if (Array.isArray(value)) return value.map(function (inner) { return dyed(inner, colours); });
    if (value === null || typeof value !== "object") return value;
    return Object.keys(value).reduce(function (made, key) { made[key] = dyed(value[key], colours); return made; }, {});
  }

  function figure(name) {
    if (!night.matches || printing) return figures[name];
    var style = getComputedStyle(document.documentElement);
    var of = function (property) { return style.getPropertyValue(property).trim(); };
    return dyed(figures[name], {
      "#ffffff": of("--paper"), "#1b1f24": of("--ink"), "#000000": of("--ink"), "#e6e9ed": of("--grid"), "#57606a": of("--soft"),
      "#0072b2": of("--line-blue")
    });
  }

  // What WebGL draws is not printed: a picture of it is.
  function solid(name) { return figures[name].data.some(function (trace) { return trace.type === "surface"; }); }

  function still(place) {
    Plotly.toImage(place, { format: "png", scale: 2 }).then(function (url) {
      var old = place.parentNode.querySelector(".still"), picture = document.createElement("img");
      picture.className = "still";
      picture.alt = "";
      picture.src = url;
      if (old) old.remove();
      place.parentNode.insertBefore(picture, place);
      place.classList.add("drawn-by-gl");
    });
  }

  // The words in the cells of a map shrink with them; too small to be read, they are left to colours, pointer and table.
  function fitted(made, place) {
    made.data.filter(function (trace) { return trace.mode === "text"; }).forEach(function (trace) {
      var columns = new Set(trace.x).size, longest = 1;
      trace.text.forEach(function (text) {
        text.split("<br>").forEach(function (line) { longest = Math.max(longest, line.length); });
      });
      var size = (place.clientWidth - 130) / columns / (0.62 * longest);
      trace.visible = size >= 6;
      trace.textfont.size = Math.min(11, size);
    });
    return made;
  }

  function draw(place) {
    var name = place.dataset.chart, made = fitted(figure(name), place), search = searches[name];
    if (place.dataset.drawn) return;
    place.dataset.drawn = "yes";
    Plotly.newPlot(place, made.data, made.layout, config).then(function () { if (solid(name)) still(place); });
    if (search) place.on("plotly_click", function (event) { pick(place, search, event.points[0].customdata); });
  }

  function redraw() {
    places.forEach(function (place) {
      var made = fitted(figure(place.dataset.chart), place);
      if (place.dataset.drawn) Plotly.react(place, made.data, made.layout, config);
    });
  }

  function begin() {
    Object.keys(searches).forEach(function (name) {
      figures[name].data.forEach(function (trace) {
        trace.text = trace.customdata.map(function (n) { return hover(searches[name], n); });
        trace.hovertemplate = "%{text}<extra></extra>";
      });
    });
    var seen = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) { if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); } });
    }, { rootMargin: "400px" });
    places.forEach(function (place) { seen.observe(place); });
    setTimeout(function () { places.forEach(function (place) { if (solid(place.dataset.chart)) draw(place); }); }, 1000);
    night.addEventListener("change", redraw);
    window.addEventListener("beforeprint", function () { printing = true; places.forEach(draw); redraw(); });
    window.addEventListener("afterprint", function () { printing = false; redraw(); });
    document.documentElement.dataset.ready = "yes";
  }

  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (part) { part.open = true; });
  });

  function unpacked(text) {
    var bytes = Uint8Array.from(atob(text), function (letter) { return letter.charCodeAt(0); });
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  if (typeof DecompressionStream === "undefined") {
    places.forEach(function (place) { place.textContent = "Charts need a browser of 2023 or later."; });
    return;
  }
  unpacked(document.getElementById("library").textContent).then(function (text) {
    var script = document.createElement("script");
    script.textContent = text;  // the page's policy knows it by its hash
    document.head.append(script);
    begin();
  });
})();
