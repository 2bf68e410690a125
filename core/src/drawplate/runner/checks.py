# SPDX-License-Identifier: Apache-2.0
"""Whether a plugin gave what it had promised."""

from __future__ import annotations

import hashlib
from typing import Any

from attrs import frozen

from drawplate.artifact import Artifact, Candidate, Front
from drawplate.build import Build
from drawplate.card import Card, Verb
from drawplate.errors import ContractError, DrawplateError
from drawplate.metric import Metric
from drawplate.plugins import Entry


@frozen(kw_only=True)
class Promise:
    """One call, and what may come of it."""

    entry: Entry
    card: Card
    verb: Verb
    model: Artifact
    """The model that the call was given, or that the build it was given was made from."""

    def broken(self, what: str) -> ContractError:
        """Blame the plugin, by name."""
        place = f"{self.entry.name}.{self.verb} of {self.entry.owner}"
        report = f" at {self.entry.url}" if self.entry.url else ""
        return ContractError(what, where=place, hint=f"this is a bug in the plugin; report it{report}")

    def check(self, answer: Any) -> None:
        """Check an answer.

        Raises:
            ContractError: when it is not what the card says.
        """
        if hashlib.sha256(self.model.path.read_bytes()).hexdigest() != self.model.digest:
            raise self.broken("changed the file of the model that it was given")
        match self.verb:
            case Verb.COMPRESS:
                self._check_compress(answer)
            case Verb.TRAIN:
                self._check_artifact(answer)
                self._check_same_graph(answer)
            case Verb.EXPORT:
                self._check_build(answer)
            case Verb.MEASURE:
                self._check_metrics(answer)

    def _check_compress(self, answer: Any) -> None:
        if not isinstance(answer, Front):
            self._check_artifact(answer)
            return
        if not answer.candidates or not 0 <= answer.chosen < len(answer.candidates):
            raise self.broken("returned a front without the candidate that it chose")
        for candidate in answer.candidates:
            if not isinstance(candidate, Candidate):
                raise self.broken(f"returned a front of {type(candidate).__name__}")
            self._check_artifact(candidate.artifact)
            self._check_metrics(candidate.metrics)

    def _check_artifact(self, answer: Any) -> None:
        if not isinstance(answer, Artifact):
            raise self.broken(f"returned {type(answer).__name__}, not an Artifact")
        if not answer.path.is_file():
            raise self.broken("returned an artifact that is not in the store; make it with job.save")
        from drawplate.model_file import read_model

        try:
            read_model(answer.path)
        except DrawplateError as error:
            raise self.broken(f"returned a model that is not valid: {error.what}") from error
        promised = self.card.returned_form(self.model.form)
        if answer.form is not promised and not self.card.open_form:
            raise self.broken(f"returned a {answer.form} model; its card promises {promised}")
        if self.card.keeps_io and (answer.inputs, answer.outputs) != (self.model.inputs, self.model.outputs):
            raise self.broken("changed inputs or outputs; its card promises to keep them")

    def _check_same_graph(self, answer: Artifact) -> None:
        before, after = self.model.proto().graph, answer.proto().graph
        if list(before.node) != list(after.node):
            raise self.broken("train changed the graph's nodes; only initializers may change")

    def _check_build(self, answer: Any) -> None:
        if not isinstance(answer, Build):
            raise self.broken(f"returned {type(answer).__name__}, not a Build")
        if answer.source != self.model.digest or not answer.root.is_dir():
            raise self.broken("returned a build that is not in the store; make it with job.build")

    def _check_metrics(self, answer: Any) -> None:
        if not isinstance(answer, tuple) or not all(isinstance(metric, Metric) for metric in answer):
            raise self.broken("did not return a tuple of Metric")
