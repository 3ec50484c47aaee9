"""`tocsin answer`: what people press comes in here, from links and from vendors, and goes out as actions."""
