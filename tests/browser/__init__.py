"""What a person sees and clicks: a real server, a real browser, the real MNIST."""
