"""What an artifact answers to the test images, kept or asked anew."""
