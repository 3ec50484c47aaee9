"""What conversations, tickets, incidents and agents add to the figures. One small judgement a file, by source."""
