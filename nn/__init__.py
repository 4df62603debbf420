"""The mathematics: layers, losses, optimizers, training, data and formats, with NumPy alone."""
