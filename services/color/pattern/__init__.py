"""The pattern of a garment's cloth: solid, striped, checked, dotted, floral or printed."""
