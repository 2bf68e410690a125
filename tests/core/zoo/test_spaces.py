# SPDX-License-Identifier: Apache-2.0
import pytest

from drawplate.count import count_parameters
from drawplate.data import normalisation_of
from drawplate.data.model import Normalisation
from drawplate.data.record import record_normalisation
from drawplate.errors import ModelError
from drawplate.plugins import contributions
from drawplate.testing import make_job, make_runner
from drawplate.zoo import build_model


def opened(tmp_path, zoo, arguments, space, shape=(1, 16, 16)):
    runner = make_runner(tmp_path)
    proto = build_model(zoo, arguments, shape=shape, classes=7, seed=0)
    record_normalisation(proto, Normalisation((0.5,) * shape[0], (0.25,) * shape[0]))
    model = runner.session.store.put_model(proto)
    job = make_job(tmp_path, runner=runner)
    return contributions("search_spaces")[space].open(model, job), model, job


@pytest.mark.parametrize(
    ("zoo", "arguments", "space"),
    [
        ("flexstudent", {}, "flexstudent"),
        ("flexstudent", {"conv_layers": 2, "fc_layers": 1, "channels": [12]}, "flexstudent"),
        ("flexstudent", {"conv_layers": 1, "fc_layers": 3, "channels": [7], "neurons": 30}, "flexstudent"),
        ("resnet8x4", {"channels": [8, 12, 16, 20]}, "resnet8x4"),
        ("resnet20", {"channels": [5, 6, 7, 9]}, "resnet8x4"),
    ],
)
def test_the_baseline_is_the_model_itself(tmp_path, zoo, arguments, space):
    found, model, job = opened(tmp_path, zoo, arguments, space)
    for name, value in found.baseline.items():
        assert found.genes[name].value(found.genes[name].index(value)) == value
    made = found.express(found.baseline, model, job).model
    assert [node.SerializeToString() for node in made.proto().graph.node] == [
        node.SerializeToString() for node in model.proto().graph.node
    ]
    assert (made.inputs, made.outputs) == (model.inputs, model.outputs)
    assert normalisation_of(made.proto()) == normalisation_of(model.proto())


@pytest.mark.parametrize("space", ["flexstudent", "resnet8x4"])
def test_the_ends_of_all_genes_can_be_built(tmp_path, space):
    found, model, job = opened(tmp_path, space, {}, space)
    sizes = []
    for end in (0, -1):
        genome = {name: gene.value(end % gene.size) for name, gene in found.genes.items()}
        sizes.append(count_parameters(found.express(found.repair(genome), model, job).model.proto()))
    assert sizes[0] < count_parameters(model.proto()) < sizes[1]


def test_neurons_have_no_effect_without_a_hidden_layer(tmp_path):
    found, _, _ = opened(tmp_path, "flexstudent", {"neurons": 40}, "flexstudent")
    genome = {"conv_layers": 2, "fc_layers": 1, "channels": 8, "neurons": 16}
    assert found.repair(genome) == {**genome, "neurons": 40}
    assert found.repair({**genome, "fc_layers": 2})["neurons"] == 16


@pytest.mark.parametrize("space", ["flexstudent", "resnet8x4"])
def test_other_models_are_refused(tmp_path, space):
    with pytest.raises(ModelError, match=f"space '{space}': is no"):
        opened(tmp_path, "mlp", {}, space)
