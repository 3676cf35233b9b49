"""Fashion-MNIST Explorer: `streamlit run app.py`."""

import streamlit as st

from fmnist_ui import cached, frame

st.set_page_config(page_title="Fashion-MNIST Explorer", page_icon="assets/icon.png", layout="wide")
st.logo("assets/logo.svg", size="large")
cached.warm_up()
frame.run()
