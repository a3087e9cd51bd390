"""What a release is made of: models with what is known of them, judged before they leave the house."""
