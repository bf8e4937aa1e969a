"""Style: how probably a look is casual, feminine, minimal, modern, street or vintage."""
