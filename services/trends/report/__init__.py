"""``mapsi report``: what the last weeks brought, as a page or as text, in Korean or English."""
