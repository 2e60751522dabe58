"""Train: start a run, watch it learn, take it home."""
import streamlit as st
from dashboard.trainer import process_trainer
from dashboard import charts, live
from dcgan.config import TrainingConfig
from dcgan.imaging import tile, encode_png

t = process_trainer()
if st.button("Start training"): t.start(TrainingConfig())
@st.fragment(run_every=1.0)
def f():
    s = t.snapshot()
    st.write(s.phase, s.step, s.seconds_left, s.message)
    if s.sample is not None:
        with st.container(key="sample-grid"):
            p = tile(s.sample.pixels, 10, 10)
            live.picture(encode_png(p), size=(p.shape[1], p.shape[0]), alt=f"step {s.sample.step}", key="g", scale=2)
        with st.container(key="loss-chart"):
            live.chart(charts.loss_figure(s.history).to_json(), height=250, alt="x", key="c")
f()
