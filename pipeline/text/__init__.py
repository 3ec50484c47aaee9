"""From raw customer text to text that may be matched and quoted: normalise, redact, scan."""
