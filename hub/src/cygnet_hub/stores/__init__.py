"""The stores that a site offers: what people have entered for them, and the page where they do."""
