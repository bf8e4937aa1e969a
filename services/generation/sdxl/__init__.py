"""The backend `sdxl`: pictures of Stable Diffusion XL and LoRAs, drawn on this machine."""
