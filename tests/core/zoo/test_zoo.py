"""The zoo: every row builds what its source describes, and the shipped layer summaries fit the models.

Run: python -m pytest tests/core/zoo/test_zoo.py
"""

import functools
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import h5py
import keras
import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from fmnist_core import recipe as recipes
from fmnist_core.recipe import Augmentation, Optimizer, Split, Stage
from fmnist_core.runs import foreign_model
from fmnist_core.storage import folders
from fmnist_core.zoo import MODELS, check, get_model, layers, summaries, vgg19
from fmnist_core.zoo.spec import WeightsUnavailable

# Parameters with ten classes. The first of each sum is the first layer with weights; a 3x3 convolution from a to b
# channels has 9ab + b, a dense layer ab + b, batch normalization 4 a channel.
PARAMETERS = {
    "flagship": 998_106,
    "flagship_small": 762_026,
    "robust": 762_026,
    "cnn_1conv": 693_962,  # James Le's notebooks, as the next two
    "cnn_3conv": 241_546,
    "cnn_4conv": 1_221_546,
    "vgg19_published": 20_024_384 + 4_199_946,  # trunk and head, the notebook
    "vgg19_fixed": 20_024_384 + 4_199_946,
    "minivggnet": 1_679_082,  # 320 + 9,248 + 18,496 + 36,928 + 1,606,144 + 5,130, and 4 * 704 of normalization
    "simple_nn": 266_610,  # 235,500 + 30,100 + 1,010
    "cnn_1": 65_994,  # 320 + 18,496 + 36,928, and 4 * 4 * 64 points to ten units: 10,250
    "cnn_2": 896_906,  # 320 + 18,496 + 73,856 + 802,944 + 1,290
    "lenet5_rbf": 212_896,  # 156 + 2,416 + 48,120 + 161,364, and ten centres of 84 numbers
    "lenet5_modified": 212_906,  # the same with ten biases
    "lenet5_valid": 61_706,  # 156 + 2,416 + 48,120 + 10,164 + 850
    "patel_dense": 407_050,  # 784 * 512 + 512, and 5,130
    "patel_cnn32": 2_774_858,  # 320, 13 * 13 * 32 = 5,408 points to 512 units: 2,769,408, and 5,130
    "patel_cnn64": 5_544_074,  # 640, 10,816 points to 512 units: 5,538,304, and 5,130
    "patel_deep": 8_009_994,  # 640 + 73,856, 11 * 11 * 128 = 15,488 points to 512 units: 7,930,368, and 5,130
    "patel_final": 421_642,  # 320 + 18,496 + 401,536 + 1,290
    "lstm_rows": 81_674,  # four gates of 28 * 128 + 128 * 128 + 128, and 1,290
}
TEST_ACCURACY = {
    "flagship": None,
    "flagship_small": None,
    "robust": None,
    "cnn_1conv": 0.9229,
    "cnn_3conv": 0.9117,
    "cnn_4conv": 0.9352,
    "vgg19_published": 0.7664,
    "vgg19_fixed": None,
    "minivggnet": 0.94,
    "simple_nn": 0.8386,
    "cnn_1": 0.916,
    "cnn_2": 0.9293,
    "lenet5_rbf": 0.8889,
    "lenet5_modified": 0.9055,
    "lenet5_valid": None,
    "patel_dense": 0.88,
    "patel_cnn32": 0.91,
    "patel_cnn64": 0.92,
    "patel_deep": 0.93,
    "patel_final": 0.9340,
    "lstm_rows": None,
}
LAYER_NAME = (
    r"picture|rows|resize|channels|preprocess|flatten|logits|block\d_(conv\d|pool)"
    r"|pool|(sum|block)\d_\d|squeeze\d(_mean|_inner|_factor)?|(conv|pool|dropout|dense|batch_norm|relu|padding|lstm)\d+"
)
every_model = pytest.mark.parametrize("name", list(PARAMETERS))
both_vgg19 = pytest.mark.parametrize("name", ["vgg19_published", "vgg19_fixed"])
# The exporter still looks for names that numpy has dropped.
ignore_tf2onnx = pytest.mark.filterwarnings("ignore::FutureWarning:keras.src.export.tf2onnx_lib")


@functools.cache
def built(name: str) -> keras.Model:
    return MODELS[name].build()


def random_pictures(count: int) -> np.ndarray:
    return np.random.default_rng(0).random((count, 28, 28, 1), dtype=np.float32)


def part(model: keras.Model, last: str) -> keras.Model:
    return keras.Model(model.input, model.get_layer(last).output)


def run_onnx(model: keras.Model, path: Path, pictures: np.ndarray) -> np.ndarray:
    model(pictures)
    model.export(path, format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(path)
    return session.run(None, {session.get_inputs()[0].name: pictures})[0]


# The table


def test_rows_come_in_the_order_of_the_sources_under_their_own_names():
    assert list(MODELS) == list(PARAMETERS)
    assert all(name == model.name for name, model in MODELS.items())


def test_unknown_model_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"Unknown model 'lennet'\. Choose one of: flagship, .*lstm_rows\."):
        get_model("lennet")
    assert get_model("cnn_2") is MODELS["cnn_2"]


def test_importing_the_zoo_imports_no_keras():
    code = (
        "import sys, fmnist_core.zoo.summaries as s; s.total_parameters('cnn_2'); "
        "from fmnist_core.zoo import MODELS, vgg19; vgg19.vgg19_weights_path(); "
        "print([m for m in sys.modules if m.split('.')[0] in ('keras', 'tensorflow', 'onnxruntime')])"
    )
    root = folders.PROJECT
    assert subprocess.check_output([sys.executable, "-c", code], text=True, cwd=root).strip() == "[]"


@every_model
def test_published_figures(name):
    published = MODELS[name].published
    assert published.test_accuracy == TEST_ACCURACY[name]
    if published.precision_recall is not None:
        assert np.shape(published.precision_recall) == (10, 2)
        assert 0.27 <= np.min(published.precision_recall) and np.max(published.precision_recall) <= 1


# Recipes


@every_model
def test_recipe_is_usable_and_survives_json(name):
    recipe = MODELS[name].recipe
    check(recipe)
    assert recipe.model == name
    assert recipes.from_json(json.loads(json.dumps(recipes.to_json(recipe)))) == recipe


@pytest.mark.parametrize("name", ["cnn_1conv", "cnn_3conv", "cnn_4conv"])
def test_james_le_trains_in_two_stages(name):
    recipe = MODELS[name].recipe
    distortion = Augmentation(rotation=8, shift=0.08, shear=0.3, zoom=0.08, fill="nearest")
    assert recipe.stages == (Stage(10), Stage(50, distortion, augment_validation=True))
    assert recipe.split == Split("random", 12_000, 13)
    assert (recipe.batch_size, recipe.loss) == (256, "categorical_crossentropy")
    assert recipe.drop_last_batch  # 48,000 pictures: 187 steps
    assert recipe.optimizer == Optimizer("adam", 1e-3)


def test_recipes_of_the_other_sources():
    def facts(name):
        recipe = MODELS[name].recipe
        return recipe.epochs, recipe.batch_size, recipe.optimizer, recipe.split.kind, recipe.split.validation

    adam = Optimizer("adam", 1e-3)
    for name in ("vgg19_published", "vgg19_fixed"):
        assert facts(name) == (50, 256, adam, "random", 12_000)
    momentum = Optimizer("sgd", 1e-2, momentum=0.9, nesterov=False, decay=4e-4)
    assert facts("minivggnet") == (25, 32, momentum, "none", 0)
    assert [name for name, model in MODELS.items() if model.recipe.watch_test] == ["minivggnet"]
    assert facts("simple_nn") == (20, 32, Optimizer("sgd", 1e-3), "first", 5_000)
    assert facts("cnn_1") == (20, 32, Optimizer("nadam", 1e-3), "first", 5_000)
    for name in ("cnn_2", "lenet5_rbf", "lenet5_modified", "lenet5_valid"):
        assert facts(name) == (20, 32, adam, "first", 5_000)
    for name in ("patel_dense", "patel_cnn32", "patel_cnn64"):
        assert facts(name) == (10, 32, adam, "none", 0)
    assert facts("patel_deep") == (50, 100, adam, "none", 0)
    assert facts("patel_final") == (100, 100, adam, "none", 0)
    # Published trainings keep their last weights.
    assert {name for name, model in MODELS.items() if model.recipe.keep == "best"} == {"lstm_rows"}


# Architectures


@pytest.mark.some(2)
@every_model
def test_model_gives_finite_logits_from_pictures(name):
    model = built(name)
    assert isinstance(model, keras.src.models.Functional) and model.name == name
    assert model.input.name == "picture" and model.input.shape == (None, 28, 28, 1)
    logits = np.asarray(model(random_pictures(2)))
    assert logits.shape == (2, 10) and logits.dtype == np.float32 and np.isfinite(logits).all()
    assert model.count_params() == PARAMETERS[name]


@pytest.mark.some(2)
@every_model
def test_layers_have_field_names_and_the_last_gives_raw_logits(name):
    model = built(name)
    names = [layer.name for layer in model.layers]
    assert not [name for name in names if not re.fullmatch(LAYER_NAME, name)]
    assert names[-1] == "logits" and model.output is model.get_layer("logits").output
    assert len(model.get_layer("logits").input.shape) == 2
    if isinstance(model.layers[-1], keras.layers.Dense):
        assert model.layers[-1].activation is keras.activations.linear
    # Names that Keras invents count up from model to model; and another class may be taught.
    again = MODELS[name].build(num_classes=11)
    assert [layer.name for layer in again.layers] == names and again.output.shape == (None, 11)


def test_batch_normalization_comes_after_the_relu():
    for name in ("cnn_4conv", "minivggnet"):
        for layer in built(name).layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                before = layer.input._keras_history.operation
                assert before.activation is keras.activations.relu


def test_initial_weights_are_as_published():
    kernels = {layer.name: layer for layer in built("cnn_2").layers if hasattr(layer, "kernel_initializer")}
    assert isinstance(kernels.pop("conv1").kernel_initializer, keras.initializers.HeNormal)
    assert {type(layer.kernel_initializer) for layer in kernels.values()} == {keras.initializers.GlorotUniform}
    centres = built("lenet5_rbf").get_layer("logits").get_weights()[0]
    assert centres.shape == (84, 10) and 0.04 < np.abs(centres).max() <= 0.05


def test_non_trainable_parameters_of_the_four_convolutions():
    assert sum(int(np.prod(weight.shape)) for weight in built("cnn_4conv").non_trainable_weights) == 1_792


# Radial basis output


def test_radial_basis_is_half_the_negative_squared_distance():
    layer = layers.RadialBasis(3, gamma=0.5)
    layer.build((None, 2))
    layer.set_weights([np.array([[1.0, 0.0, 4.0], [2.0, 0.0, 6.0]])])  # centres (1, 2), (0, 0) and (4, 6)
    logits = np.asarray(layer(np.array([[1.0, 2.0]], np.float32)))
    np.testing.assert_allclose(logits, [[0.0, -2.5, -12.5]])  # squared distances 0, 5 and 25


# Keras hands h5py's arrays to TensorFlow in a way that numpy 2 complains of.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_radial_basis_survives_saving(tmp_path):
    model = built("lenet5_rbf")
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.get_layer("logits").gamma == 0.5
    np.testing.assert_array_equal(again(random_pictures(2)), model(random_pictures(2)))


# VGG19


@pytest.mark.parametrize("target", [32, 64, 150, 224])
def test_nearest_indices_are_those_of_pillow(target):
    row = Image.fromarray(np.arange(28, dtype=np.uint8)[np.newaxis])
    pillow = np.asarray(row.resize((target, 1), Image.Resampling.NEAREST))[0]
    np.testing.assert_array_equal(layers.nearest_indices(28, target), pillow)


def test_nearest_indices_round_the_centre_down_but_for_one():
    exact = np.array([(2 * i + 1) * 28 // 300 for i in range(150)])
    different = np.flatnonzero(layers.nearest_indices(28, 150) != exact)
    assert different.tolist() == [37] and exact[37] == 7


def test_resized_picture_is_that_of_pillow():
    picture = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    pillow = np.asarray(Image.fromarray(picture).resize((150, 150), Image.Resampling.NEAREST))
    resized = np.asarray(layers.NearestResize(150)(picture[np.newaxis, :, :, np.newaxis].astype(np.float32)))
    assert resized.shape == (1, 150, 150, 1)
    np.testing.assert_array_equal(resized[0, :, :, 0], pillow)


@pytest.mark.parametrize(
    ("name", "white", "values"),
    [
        ("vgg19_published", 1, (-102.939, -115.779, -122.68)),  # 1 - 103.939, 1 - 116.779, 1 - 123.68
        ("vgg19_fixed", 255, (151.061, 138.221, 131.32)),  # 255 - 103.939, ...
    ],
)
def test_preprocessing_as_published_and_fixed(name, white, values):
    front = part(built(name), "preprocess")
    pictures = np.zeros((1, 28, 28, 1), np.float32)
    pictures[0, 14:] = 1
    result = np.asarray(front(pictures))
    assert result.shape == (1, 150, 150, 3)
    np.testing.assert_allclose(result[0, 0, 0], (-103.939, -116.779, -123.68), rtol=1e-6)  # black
    np.testing.assert_allclose(result[0, -1, -1], values, rtol=1e-6)
    corners = np.repeat(pictures[:, ::27, ::27], 3, axis=-1) * white
    expected = keras.applications.vgg19.preprocess_input(corners)
    np.testing.assert_allclose(result[:, ::149, ::149], expected, rtol=1e-6)


@ignore_tf2onnx
def test_the_way_into_vgg19_and_the_radial_basis_survive_onnx(tmp_path):
    pictures = random_pictures(2)
    for model in (part(built("vgg19_fixed"), "preprocess"), built("lenet5_rbf")):
        exported = run_onnx(model, tmp_path / "model.onnx", pictures)
        assert {node.op_type for node in onnx.load(tmp_path / "model.onnx").graph.node} <= foreign_model.OPERATORS
        np.testing.assert_allclose(exported, model(pictures), rtol=1e-5, atol=1e-5)


@both_vgg19
def test_only_the_head_of_vgg19_learns(name):
    model = built(name)
    assert model.get_layer(MODELS[name].trunk).output.shape == (None, 8192)
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 4_199_946
    trunk = part(model, MODELS[name].trunk)
    assert trunk.count_params() == 20_024_384 and not trunk.trainable_weights


def write_legacy_weights(path: Path) -> dict[str, np.ndarray]:
    """A file laid out as the published one: a group a layer, with its weights' names as attributes."""
    generator, kernels = np.random.default_rng(0), {}
    with h5py.File(path, "w") as file:
        names = [layer.name for layer in built("vgg19_published").layers if layer.name.startswith("block")]
        file.attrs["layer_names"] = [name.encode() for name in ("input_1", *names)]
        file.create_group("input_1").attrs["weight_names"] = []
        for name in names:
            group = file.create_group(name)
            shapes = [weight.shape for weight in built("vgg19_published").get_layer(name).weights]
            group.attrs["weight_names"] = [f"{name}_{letter}_1:0".encode() for letter in "Wb"[: len(shapes)]]
            for weight_name, shape in zip(group.attrs["weight_names"], shapes, strict=True):
                values = generator.standard_normal(shape, np.float32)
                group.create_dataset(weight_name, data=values)
                kernels.setdefault(name, values)
    return kernels


def expect_content(path: Path, monkeypatch) -> None:
    """Makes a stand-in count as the published file."""
    monkeypatch.setattr(vgg19, "WEIGHTS_MD5", hashlib.md5(path.read_bytes()).hexdigest())


def test_trunk_takes_the_weights_of_the_published_format(tmp_path, monkeypatch):
    path = tmp_path / vgg19.WEIGHTS_FILE
    kernels = write_legacy_weights(path)
    monkeypatch.setenv("FMNIST_VGG19_WEIGHTS", str(path))
    expect_content(path, monkeypatch)
    assert vgg19.vgg19_weights_path() == path
    row = MODELS["vgg19_fixed"]
    model = row.build()
    head = model.get_layer("dense1").get_weights()[0]
    row.load_trunk(model)
    assert len(kernels) == 16
    for name, kernel in kernels.items():
        np.testing.assert_array_equal(model.get_layer(name).get_weights()[0], kernel)
    np.testing.assert_array_equal(model.get_layer("dense1").get_weights()[0], head)


def test_missing_weights_are_explained(tmp_path, monkeypatch):
    monkeypatch.setenv("FMNIST_VGG19_WEIGHTS", str(tmp_path / "none.h5"))
    assert vgg19.vgg19_weights_path() is None
    assert "are not on this machine" in vgg19.missing_weights() and vgg19.WEIGHTS_ADDRESS in vgg19.missing_weights()
    with pytest.raises(WeightsUnavailable, match="there is no such file") as caught:
        MODELS["vgg19_published"].load_trunk(built("vgg19_published"))
    message = str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    for word in ("none.h5", vgg19.WEIGHTS_FILE, "80 MB", vgg19.WEIGHTS_MD5, "FMNIST_VGG19_WEIGHTS"):
        assert word in message


def test_other_files_than_the_weights_are_refused(tmp_path, monkeypatch):
    (tmp_path / "text.h5").write_text("not weights")
    with h5py.File(tmp_path / "short.h5", "w") as file:
        file.attrs["layer_names"] = []
    for name in ("text.h5", "short.h5"):
        monkeypatch.setenv("FMNIST_VGG19_WEIGHTS", str(tmp_path / name))
        expect_content(tmp_path / name, monkeypatch)
        with pytest.raises(WeightsUnavailable, match=f"{name} does not hold them"):
            vgg19.load_trunk(built("vgg19_published"))


def test_weights_of_another_network_are_refused(tmp_path, monkeypatch):
    """They may have the right layout and would be taken: only the digest tells."""
    path = tmp_path / "other.h5"
    write_legacy_weights(path)
    monkeypatch.setenv("FMNIST_VGG19_WEIGHTS", str(path))
    model = MODELS["vgg19_published"].build()
    before = model.get_layer("block1_conv1").get_weights()[0]
    digest = hashlib.md5(path.read_bytes()).hexdigest()
    with pytest.raises(
        WeightsUnavailable, match=f"other.h5 is another file, of MD5 {digest}. Expected .*{vgg19.WEIGHTS_MD5}"
    ):
        vgg19.load_trunk(model)
    np.testing.assert_array_equal(model.get_layer("block1_conv1").get_weights()[0], before)


def test_failed_download_is_explained(monkeypatch):
    def fail(*arguments, **options):
        assert options["file_hash"] == vgg19.WEIGHTS_MD5
        raise Exception("URL fetch failure")

    monkeypatch.delenv("FMNIST_VGG19_WEIGHTS", raising=False)
    monkeypatch.setattr(keras.utils, "get_file", fail)
    with pytest.raises(WeightsUnavailable, match=r"no download works \(URL fetch failure\)"):
        vgg19.load_trunk(built("vgg19_published"))


def test_weights_in_the_cache_of_keras_are_found(tmp_path, monkeypatch):
    monkeypatch.delenv("FMNIST_VGG19_WEIGHTS", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert vgg19.vgg19_weights_path() is None
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / vgg19.WEIGHTS_FILE).touch()
    assert vgg19.vgg19_weights_path() == tmp_path / "models" / vgg19.WEIGHTS_FILE


# Summaries


@every_model
def test_shipped_summary_fits_the_model(name):
    assert list(summaries.load_summaries()[name]) == summaries.summarise(built(name)), (
        "summaries.json is stale: run python -m fmnist_core.zoo.summaries"
    )
    assert summaries.total_parameters(name) == PARAMETERS[name]


def test_shipped_summaries_cover_the_zoo_in_the_written_form():
    loaded = {name: list(found) for name, found in summaries.load_summaries().items()}
    assert list(loaded) == list(MODELS)
    assert summaries.FILE.read_text() == summaries.to_text(loaded)


def test_multiplications_by_hand():
    # 28*28*6*25 + 10*10*16*150 + 1*1*120*400 + 120*84 + 84*10
    assert summaries.total_macs("lenet5_valid") == 117_600 + 240_000 + 48_000 + 10_080 + 840
    assert summaries.total_macs("lstm_rows") == 28 * 4 * 128 * (28 + 128) + 1_280
    assert summaries.total_macs("lenet5_rbf") == 153_600 + 614_400 + 768_000 + 1_920 * 84 + 840
    assert round(summaries.total_macs("minivggnet") / 1e6, 1) == 19.9
    assert round(summaries.total_macs("vgg19_fixed") / 1e9, 2) == 8.38
    assert summaries.trained_macs("vgg19_fixed") == 8_192 * 512 + 5_120
    assert summaries.trained_macs("minivggnet") == summaries.total_macs("minivggnet")


def test_layer_summary_reads_as_a_person_would_say_it():
    found = {layer.name: layer for layer in summaries.load_summaries()["minivggnet"]}
    assert (found["conv3"].kind, found["conv3"].text) == ("convolution", "64 filters 3x3, relu, zero padding")
    assert found["conv3"].output_shape == (14, 14, 64) and found["conv3"].parameters == 18_496
    assert (found["dropout3"].kind, found["dropout3"].text) == ("dropout", "50%")
    assert found["logits"].text == "10 units"


def test_unknown_models_and_layers_are_refused():
    with pytest.raises(ValueError, match="Unknown model 'lennet'"):
        summaries.total_macs("lennet")
    with pytest.raises(ValueError, match="'gru1' is a GRU, which the summaries cannot describe"):
        summaries.summarise(layers.chain("x", keras.layers.Reshape((28, 28)), keras.layers.GRU(2, name="gru1")))
