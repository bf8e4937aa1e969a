"""How an answer is worded and shown, in Korean and English."""
