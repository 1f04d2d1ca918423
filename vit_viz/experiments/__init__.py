"""What is run with torch beside a trace: its steps in more detail, changes to the model, averages over photos."""
