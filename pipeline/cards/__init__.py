"""Cards: what a person is shown about an incident, and how it becomes text that no chat tool can misread."""
