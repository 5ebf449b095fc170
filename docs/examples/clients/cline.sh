cline auth --provider openai --baseurl http://127.0.0.1:8000/v1 --apikey any --modelid gpt-5.2
