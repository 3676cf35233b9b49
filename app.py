"""Fashion-MNIST Explorer: `streamlit run app.py`."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from fmnist_ui.serving import server
from fmnist_ui.serving.first_paint import NAME, FirstPaint
from fmnist_ui.serving.static_files import StaticFiles

ROOT = Path(__file__).parent  # not from where the app was started

if __name__ == "__main__":  # a visitor's run of the script
    from fmnist_ui import cached, frame, uploads

    st.set_page_config(page_title=NAME, page_icon=ROOT / "assets" / "icon.png", layout="wide")
    st.logo(ROOT / "assets" / "logo.svg", size="large")
    cached.warm_up()
    uploads.bound()
    frame.run()
else:  # Streamlit's command found the name below in this file, and loads it once, as the server starts
    app = st.App(
        __file__,
        lifespan=server.lifespan,
        on_script_error=server.say_error,
        middleware=[Middleware(StaticFiles), Middleware(FirstPaint, root=ROOT)],
    )
