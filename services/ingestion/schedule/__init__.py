"""Looking at sources on a schedule, and what `mapsi sources` says of them."""
