"""What the pages share and Streamlit has not: own components, caches, the table of state.

Everything here may import Streamlit and fmnist_core; nothing here imports a page.
"""
