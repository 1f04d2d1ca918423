"""What is on file about the bundled model's training (assets/model); it needs neither torch nor the trainer."""
