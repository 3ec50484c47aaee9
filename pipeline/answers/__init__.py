"""What people answer to a card: offers that are signed, links, pages and vendors' callbacks that bring them back."""
