"""The servers that neurond's predictions are measured against: one small file each, all over the same `nn`.

Each answers the same request with the same probabilities. They are set up as their own documentation advises for many
small requests on two cores; where it leaves a choice, both were tried and the faster one is here.
"""
