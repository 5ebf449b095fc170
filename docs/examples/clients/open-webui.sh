docker run -d --name open-webui --network host \
  -e OPENAI_API_BASE_URL=http://127.0.0.1:8000/v1 \
  -e OPENAI_API_KEY=any \
  -v open-webui:/app/backend/data \
  ghcr.io/open-webui/open-webui:main
