"""Random faults on a real pair for hours: `run` plays them, the end-to-end tests play a round."""
