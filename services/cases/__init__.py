"""Applications: who accepts, reviews, forwards, decides and seals, each act under the grant in force."""
