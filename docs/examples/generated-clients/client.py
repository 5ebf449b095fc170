import json
import os
import uuid

from prodigon_client import Client
from prodigon_client.api.jobs import download_job_results, stream_job_events
from prodigon_client.api.openai import create_chat_completion
from prodigon_client.models import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionRequest,
    Job,
    JobResultLine,
)

client = Client(base_url=os.environ.get("BASE_URL", "http://127.0.0.1:8000"))
message = {"role": "user", "content": "What is backpressure?"}
request = ChatCompletionRequest.from_dict({"messages": [message]})

chat = create_chat_completion.sync(client=client, body=request)
assert isinstance(chat, ChatCompletion), chat
print("Chat:", len(str(chat.choices[0].message.content)), "characters of", chat.model)

characters = 0
request.stream = True
http = client.get_httpx_client()
with http.stream("POST", "/v1/chat/completions", json=request.to_dict()) as response:
    for line in response.iter_lines():
        if line.startswith("data: ") and line != "data: [DONE]":
            chunk = ChatCompletionChunk.from_dict(json.loads(line.removeprefix("data: ")))
            characters += len(str(chunk.choices[0].delta.content or ""))
print("Stream:", characters, "characters")

lines = b'{"prompt": "What is backpressure?", "custom_id": "q-1"}\n{"prompt": "What is a circuit breaker?"}\n'
uploaded = http.post(
    "/api/v1/jobs",
    params={"name": "Glossary"},
    headers={"content-type": "application/jsonl", "idempotency-key": str(uuid.uuid4())},
    content=lines,
)
job = Job.from_dict(uploaded.raise_for_status().json())

events = stream_job_events.sync(job.job_id, client=client, after=job.sequence)
assert isinstance(events, str), events
results = download_job_results.sync_detailed(job.job_id, client=client).content.decode().splitlines()
first = JobResultLine.from_dict(json.loads(results[0]))
print("Job:", "event: end" in events, len(results), "results, first", first.custom_id)
