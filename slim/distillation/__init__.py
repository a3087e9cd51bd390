"""Fine-tuning a smaller network to give what the original gives, on labelled or unlabelled pictures.

Hinton et al., "Distilling the Knowledge in a Neural Network", 2015.
"""
