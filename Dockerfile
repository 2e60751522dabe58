# Runs the dashboard as an ordinary user, with its runs in a volume. Start it with compose.yaml.
FROM python:3.11-slim

RUN useradd --uid 1000 --create-home studio && mkdir /runs && chown studio:studio /runs
WORKDIR /app

# Installed before the program is copied, so that Docker caches it.
COPY requirements.txt requirements-login.txt ./
RUN pip install --no-cache-dir -r requirements.txt -r requirements-login.txt

COPY LICENSE README.md ./
COPY dcgan dcgan
COPY dashboard dashboard
COPY checkpoints/pretrained checkpoints/pretrained
COPY checkpoints/pretrained-classes checkpoints/pretrained-classes
RUN python -m compileall -q dcgan dashboard

USER studio
# Keras downloads (Fashion-MNIST) are stored with the runs.
ENV PYTHONUNBUFFERED=1 KERAS_HOME=/runs/.keras
VOLUME /runs
EXPOSE 8501

# On SIGTERM the dashboard saves the run in training, then exits.
STOPSIGNAL SIGTERM
# The X-Forwarded-Prefix header gets an answer below any base path. ProxyHandler({}) ignores a proxy
# that Docker may set for all containers.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["python", "-c", "from urllib.request import ProxyHandler, Request, build_opener; build_opener(ProxyHandler({})).open(Request('http://127.0.0.1:8501/healthz', headers={'X-Forwarded-Prefix': '/'}), timeout=8)"]
ENTRYPOINT ["python", "-m", "dashboard", "--host", "0.0.0.0", "--port", "8501", "--root", "/runs", "--no-browser"]
