"""Taylor integration of gradient flows of products of matrices."""
