"""The sections of the form of settings: each module defines the settings of one, and its checks."""
