"""As Keras code: a recipe as a script to read and to take along, wherever one meets the recipe."""

from collections.abc import Sequence

import streamlit as st

from fmnist_core.data import CLASS_NAMES
from fmnist_core.recipe import Recipe
from fmnist_core.script import keras_script as scripts
from fmnist_core.zoo import MODELS

HELP = "One Python script that trains this recipe with Keras and NumPy alone"


def offer(recipe: Recipe, class_names: Sequence[str] = CLASS_NAMES) -> None:
    """A button that shows the script; none for a model that the zoo no longer has.

    class_names: the run's, which may know more than the dataset's ten.
    """
    if recipe.network is None and recipe.model not in MODELS:
        return
    if st.button("As Keras code", icon=":material/code:", help=HELP, key="keras-code"):
        _show(recipe, len(class_names) - len(CLASS_NAMES))


@st.dialog("As Keras code", width="large", icon=":material/code:")
def _show(recipe: Recipe, taught: int) -> None:
    """taught: classes that the run has learned later, from photos."""
    try:
        text = scripts.keras_script(recipe)
    except ValueError as error:
        st.warning(str(error), icon=":material/rule:")
        return
    name = scripts.file_name(recipe)
    st.markdown(
        f"{len(text.splitlines())} lines that train this recipe without this app, print the accuracy and save "
        f"`model.keras`. After `pip install keras tensorflow`: `python {name}`."
    )
    missing = list(scripts.left_out(recipe))
    if taught > 0:
        missing.append(f"the {taught} class{'es' * (taught > 1)} that this run was taught later, from photos")
    if missing:
        st.info(f"Left out: {'; '.join(missing)}.", icon=":material/info:")
    else:
        st.caption("Its accuracy differs from that of a training here no more than one seed's from another's.")
    with st.container(horizontal=True):
        _download(name, text, "text/x-python", primary=True)
        for beside, content in scripts.files_beside(recipe).items():
            _download(beside, content, "text/plain")
    st.code(text, language="python", height=440)


def _download(name: str, content: str, kind: str, primary: bool = False) -> None:
    st.download_button(
        name,
        content,
        name,
        kind,
        type="primary" if primary else "secondary",
        icon=":material/download:",
        on_click="ignore",
        key=f"get-{name}",
    )
