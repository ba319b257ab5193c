"""What helps to look at a trained model; each part is imported when it is used."""
