"""Drawing on a server that is not ours: an OpenAI-compatible images endpoint, or ComfyUI."""
