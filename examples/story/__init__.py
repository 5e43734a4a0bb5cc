"""The parts of the story: the company's cloud, its ordinary weeks, its bad night, and how S3 receives them."""
