# SPDX-License-Identifier: Apache-2.0
"""``drawplate init``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drawplate.cli.common import DEFAULT_STORE, PluginFiles, StoreOption, console
from drawplate.cli.output import say
from drawplate.errors import FlowError

if TYPE_CHECKING:
    from drawplate.plugins import Plugins

SAY = "say --model, --data and --target"
TRIES = 3
"""How often a question is asked that gets no answer that means anything."""


def init(
    model: Annotated[str | None, typer.Option(help="An architecture of the zoo, or FILE.onnx.")] = None,
    data: Annotated[str | None, typer.Option(help="A data set, FILE.npz, FILE.csv, or a folder of pictures.")] = None,
    target: Annotated[str | None, typer.Option(help="The step that the flow ends with.")] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="The flow to write.")] = Path("flow.toml"),
    plugin: PluginFiles = None,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Ask three questions and write a flow that runs; what is given as an option is not asked."""
    from drawplate.plugins import Plugins
    from drawplate.scaffold.flow import data_table, model_table, step_tables, targets, write_flow

    found = Plugins(plugin or ())
    if output.exists():
        raise FlowError("is there already", where=str(output), hint="name another file with -o")
    zoo = ", ".join(sorted(found.contributions("architectures")))
    sets = ", ".join(sorted(name for name, reader in found.contributions("datasets").items() if not reader.given))
    known = targets(found)
    first = "z7020" if "z7020" in known else known[0]
    model = model or _ask(f"Which model? {zoo}, or FILE.onnx", "mlp", lambda text: model_table(text, found))
    data = data or _ask(
        f"Which data? {sets}, FILE.npz, FILE.csv or a folder of pictures",
        "digits",
        lambda text: data_table(text, found),
    )
    start = _form_of(model, found)
    target = target or _ask(f"Which target? {', '.join(known)}", first, lambda text: step_tables(text, found, start))
    write_flow(output, model, data, target, found)
    console().print(f"wrote {output}", soft_wrap=True)
    _check(output, store, plugin)
    console().print(f"next:  drawplate plan {output}\n       drawplate run {output}", soft_wrap=True)


def _form_of(model: str, plugins: "Plugins") -> Any:
    from drawplate.artifact import Form
    from drawplate.model_file import detect_form, load_model
    from drawplate.scaffold.flow import model_table

    table = model_table(model, plugins)
    return detect_form(load_model(Path(table["onnx"]))) if "onnx" in table else Form.FLOAT


def _ask(question: str, default: str, check: Callable[[str], object]) -> str:
    for _ in range(TRIES):
        try:
            answer = str(typer.prompt(question, default=default))
        except typer.Abort as error:
            raise FlowError(
                "nobody answers", where="drawplate init", hint="say --model, --data and --target"
            ) from error
        try:
            check(answer)
        except FlowError as error:
            say(error.message)
        else:
            return answer
    raise FlowError("no answer meant anything", where="drawplate init", hint=SAY)


def _check(path: Path, store: Path, plugin: list[Path] | None) -> None:
    """Plan what was written: a flow that does not run is said to, while its answers are fresh."""
    from drawplate.cli.settings import Settings
    from drawplate.flow.plan import make_plan

    settings = Settings(flow=path, store=store, plugin=plugin, workers=1, json=True)
    parsed = settings.read()
    with settings.runner(parsed) as runner:
        plan = make_plan(parsed, runner)
    console().print(f"checked: {' -> '.join(step.spec.name for step in plan.steps)}", soft_wrap=True)
