"""The servers that neurond's predictions are measured against: one small file each, all over the same `nn`.

Each answers the same request with the same probabilities, set up as its own documentation begins: one worker for the
model, and for Flask and Celery the two web processes and one worker process that neurond has.
"""
