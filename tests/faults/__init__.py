"""What breaks from outside: processes killed, files left behind, folders out of reach."""
