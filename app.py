"""Fashion-MNIST Explorer: `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

from fmnist_ui import cached, frame, uploads

ASSETS = Path(__file__).parent / "assets"  # not from where the app was started

st.set_page_config(page_title="Fashion-MNIST Explorer", page_icon=ASSETS / "icon.png", layout="wide")
st.logo(ASSETS / "logo.svg", size="large")
cached.warm_up()
uploads.bound()
frame.run()
