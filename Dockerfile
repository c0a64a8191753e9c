FROM python:3.13-slim
WORKDIR /app
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
COPY . .
RUN pip install --upgrade 'pip>=25.1' \
    && pip install -c constraints.txt --group site --group postgres -e . \
    && useradd --system chat
USER chat
# One worker a core is a good start; the channel layer carries messages between them.
CMD ["sh", "-c", "python manage.py migrate && exec uvicorn chatsite.asgi:application --host 0.0.0.0 --workers ${WEB_CONCURRENCY:-2} --no-proxy-headers --ws chatsite.lean:Lean --ws-per-message-deflate false"]
