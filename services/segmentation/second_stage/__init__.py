"""The second stage: looks at each candidate again, alone and close up, and says what it is.

The detector draws masks well and names them badly: there are few street photos to learn 13 names
from. The second stage starts from ImageNet, sees one cut-out at a time, and learns from single
garment photos and from photos with tags but no masks too.
"""
