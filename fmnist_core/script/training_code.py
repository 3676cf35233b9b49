"""A training as code: loss, optimizer and its rate, the epochs, the weights that are kept, and the ending."""

from fmnist_core.recipe import Augmentation, Optimizer
from fmnist_core.script import pictures_code
from fmnist_core.script.lines import INDENT, WIDEST, Block, call, code, definition, literal
from fmnist_core.script.plan import Plan

OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "nadam": "Nadam", "adamw": "AdamW", "rmsprop": "RMSprop"}
BEST_FILE = "best.weights.h5"


def write_training(plan: Plan) -> list[Block]:
    """From the network to its files."""
    lines = _compile(plan)
    if plan.network is not None:
        lines += _mirror(plan)
    lines += _data(plan)
    lines += _loop(plan) if plan.loops else _fit(plan)
    return [*_rate_function(plan), code(*lines), code(*_end(plan))]


# Loss and optimizer


def _rate_function(plan: Plan) -> list[Block]:
    blocks = []
    if plan.recipe.loss == "clipped_rbf_crossentropy":
        blocks.append(
            definition(
                "def loss(labels, logits):",
                f'{INDENT}"""Crossentropy of exp(logits), cut off as published: nothing is learned below 1e-7."""',
                f"{INDENT}logits = ops.log(ops.clip(ops.exp(logits), 1e-7, 1 - 1e-7))",
                f"{INDENT}return keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)",
            )
        )
    optimizer = plan.recipe.optimizer
    if optimizer.schedule == "one_cycle":
        peak, warm = literal(optimizer.learning_rate), optimizer.warm_up
        rising = f"ops.minimum(done / {literal(warm)}, (1 - done) / {literal(round(1 - warm, 12))})"
        blocks.append(
            definition(
                "def one_cycle():",
                f'{INDENT}"""The learning rate: up to {peak} in {100 * warm:g} % of all steps, then straight to 0."""',
                f'{INDENT}done = (ops.cast(optimizer.iterations, "float32") + 1) / ({_steps(plan)} + 1)',
                f"{INDENT}return {peak} * {rising if warm else '(1 - done)'}",
            )
        )
    return blocks


def _steps(plan: Plan) -> str:
    """Of the whole training, as an expression."""
    recipe = plan.recipe
    an_epoch = plan.images // recipe.batch_size if plan.cut else -(-plan.images // recipe.batch_size)
    return f"{recipe.epochs} * {literal(an_epoch)}"


def _compile(plan: Plan) -> list[str]:
    recipe, lines = plan.recipe, []
    optimizer = _optimizer(recipe.optimizer)
    if recipe.optimizer.decay and recipe.optimizer.schedule == "constant":
        rate, decay = literal(recipe.optimizer.learning_rate), literal(recipe.optimizer.decay)
        lines.append(f"rate = keras.optimizers.schedules.InverseTimeDecay({rate}, decay_steps=1, decay_rate={decay})")
    if recipe.optimizer.weight_decay or recipe.optimizer.schedule == "one_cycle":
        lines.append(f"optimizer = {optimizer}")
        optimizer = "optimizer"
    if recipe.optimizer.weight_decay:
        lines.append('optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])  # of kernels only')
    if recipe.l2:
        lines += _l2(plan)
    if recipe.loss != "clipped_rbf_crossentropy":
        smoothing = f", label_smoothing={literal(recipe.label_smoothing)}" if plan.one_hot else ""
        kind = "CategoricalCrossentropy" if plan.one_hot else "SparseCategoricalCrossentropy"
        lines.append(f"loss = keras.losses.{kind}(from_logits=True{smoothing})")
    return [*lines, f'{plan.trained}.compile({optimizer}, loss, metrics=["accuracy"])']


def _optimizer(optimizer: Optimizer) -> str:
    rate = literal(optimizer.learning_rate)
    if optimizer.schedule == "one_cycle":
        rate = "one_cycle"
    elif optimizer.decay:
        rate = "rate"
    named: dict[str, bool | float | None] = {"weight_decay": optimizer.weight_decay or None}
    if optimizer.name == "sgd":
        momentum = optimizer.momentum or None
        named = {"momentum": momentum, "nesterov": optimizer.nesterov and momentum and True or None, **named}
    rest = call("", **named)[1:-1]
    return f"keras.optimizers.{OPTIMIZERS[optimizer.name]}({', '.join(filter(None, (rate, rest)))})"


def _l2(plan: Plan) -> list[str]:
    """Keras asks each weight for its own penalty, so that layers need not be made with one."""
    recurrent = plan.network is not None and any(layer.kind == "lstm" for layer in plan.network.layers)
    spared = ' and "lstm" not in weight.path' if recurrent else ""
    return [
        f"for weight in {plan.trained}.trainable_weights:  # L2 regularization",
        f'{INDENT}if "kernel" in weight.name{spared}:',
        f"{INDENT * 2}weight.regularizer = keras.regularizers.L2({literal(plan.recipe.l2)})",
    ]


def _mirror(plan: Plan) -> list[str]:
    """The mirror image goes through a twin that shares all weights and is not compiled, or the file held the optimizer,
    whose rate may be a function of the script."""
    if not plan.recipe.mirror:
        return []
    return [
        "mirrored = keras.Model(model.input, model.output)(ops.flip(model.input, axis=2))",
        "mirroring = keras.Model(model.input, layers.Average()([model.output, mirrored]))  # answers with the mean",
    ]


# Epochs


def _data(plan: Plan) -> list[str]:
    lines = [f"{_inputs(plan)} = features(x_train)"] if plan.network is None else []
    if plan.one_hot:
        lines.append("targets = keras.utils.to_categorical(y_train, 10)")
    if plan.validates:
        labels = "keras.utils.to_categorical(y_validation, 10)" if plan.one_hot else "y_validation"
        lines.append(f"validation_data = ({_seen(plan, 'x_validation')}, {labels})")
    elif plan.recipe.watch_test:
        labels = "keras.utils.to_categorical(y_test, 10)" if plan.one_hot else "y_test"
        lines.append(f"validation_data = ({_seen(plan, 'x_test')}, {labels})  # watched only: it chooses nothing")
    return lines


def _seen(plan: Plan, name: str) -> str:
    """What is trained takes of some pictures."""
    return name if plan.network is not None else f"features({name})"


def _inputs(plan: Plan) -> str:
    """The same of all training pictures."""
    return "x_train" if plan.network is not None else "seen"


def _targets(plan: Plan) -> str:
    return "targets" if plan.one_hot else "y_train"


def _watches(plan: Plan) -> str:
    return ", validation_data=validation_data" if plan.validates or plan.recipe.watch_test else ""


def _fit(plan: Plan) -> list[str]:
    recipe, kept = plan.recipe, ""
    lines = []
    if plan.best:
        told = f'"{BEST_FILE}", "val_accuracy", save_best_only=True, save_weights_only=True'
        lines += ["best = keras.callbacks.ModelCheckpoint(", INDENT + told, ")"]
        kept = ", callbacks=[best]"
    inputs = f"{_inputs(plan)}, {_targets(plan)}"
    said = f"batch_size={recipe.batch_size}, epochs={recipe.epochs}{_watches(plan)}{kept}"
    lines.append(f"{plan.trained}.fit({inputs}, {said})")
    return [*lines, f'{plan.trained}.load_weights("{BEST_FILE}")'] if plan.best else lines


def _loop(plan: Plan) -> list[str]:
    recipe = plan.recipe
    lines = []
    if pictures_code.in_turn(plan.used):
        lines.append(
            "turn = rng.random(len(x_train)) < 0.5  # who is mirrored in the first epoch; in the next, the others"
        )
    head, changed = _epochs(plan)
    lines += head
    cut = f"[:{literal(plan.cut)}]  # whole batches only" if plan.cut else ""
    if not plan.best:
        inner = []
    else:
        lines.insert(len(lines) - 1, "best = -1")
        judged = "head.predict(validation_data[0]" if plan.network is None else f"{plan.answering}.predict(x_validation"
        inner = [
            f"predicted = {judged}, verbose=0).argmax(1)",
            "if np.mean(predicted == y_validation) > best:",
            f"{INDENT}best, kept = np.mean(predicted == y_validation), {plan.trained}.get_weights()",
        ]
    said = f"{recipe.batch_size}, epoch + 1, initial_epoch=epoch{_watches(plan)}"
    fit = f"{plan.trained}.fit(x, {_targets(plan)}[order], {said})"
    body = [f"order = rng.permutation(len(x_train)){cut}", f"x = {changed}", fit, *inner]
    lines += [INDENT + line for line in body]
    return [*lines, f"{plan.trained}.set_weights(kept)"] if plan.best else lines


def _epochs(plan: Plan) -> tuple[list[str], str]:
    """The lines that begin the loop, and what an epoch makes of its pictures."""
    epochs, changes = plan.recipe.epochs, plan.changes
    plain, first = f"{_inputs(plan)}[order]", f"for epoch in range({epochs}):"
    turn = ", turn[order] ^ (epoch % 2 == 1)" if pictures_code.in_turn(plan.used) else ""
    if not plan.used:
        return [first], plain
    if len(plan.used) == 1 and None not in changes:
        return [first], f"augment({plain}{turn})"
    if len(plan.used) == 1 and changes[0] is None and None not in changes[1:]:
        return [first], f"{plain} if epoch < {plan.recipe.stages[0].epochs} else augment({plain}{turn})"
    stages = [
        f"[{_differences(plan, one)}] * {stage.epochs}" for stage, one in zip(plan.recipe.stages, changes, strict=True)
    ]
    listed = f"stages = {' + '.join(stages)}"
    if len(listed) > WIDEST:
        listed = f"stages = ({' + '.join(stages)})"
    return [listed, "for epoch, changes in enumerate(stages):"], (
        f"{plain} if changes is None else augment({plain}{turn}, **changes)"
    )


def _differences(plan: Plan, one: Augmentation | None) -> str:
    if one is None:
        return "None"
    usual = pictures_code.parameters(plan.used)
    said = {name: getattr(one, name) for name, value in usual.items() if getattr(one, name) != value}
    return (
        f"dict({', '.join(f'{name}={pictures_code.short(value)}' for name, value in said.items())})" if said else "{}"
    )


# The ending


def _end(plan: Plan) -> list[str]:
    lines = []
    if plan.network is None:
        lines += ["x = trunk.output", "for layer in head.layers:", f"{INDENT}x = layer(x)"]
        lines += ["model = keras.Model(picture, x)", *_mirror(plan)]
    sets = [("validation", "x_validation", "y_validation")] if plan.validates else []
    for name, x, y in [*sets, ("test", "x_test", "y_test")]:
        accuracy = f"np.mean({plan.answering}.predict({x}).argmax(1) == {y})"
        lines.append(f'print(f"{name} accuracy: {{{accuracy}:.4f}}")')
    return [*lines, *_save(plan)]


def _save(plan: Plan) -> list[str]:
    """A file that anybody can load: what is made of a function of the script, only training needs."""
    if plan.own_functions and plan.answering == "model" and plan.network is not None:
        return ['keras.Model(model.input, model.output).save("model.keras")  # without what only training needs']
    return [f'{plan.answering}.save("model.keras")']
