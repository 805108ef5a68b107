"""Applications: who accepts, reviews, forwards, decides and seals, under the grant in force."""
