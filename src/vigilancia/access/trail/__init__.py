"""Reading the audit: what one's own organisation did, who came near one's own case, and the signed heads."""
