"""What Aside believes of a person and how that shapes what it says. Its first room opens with the personalization head."""
