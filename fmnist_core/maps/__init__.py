"""A map of pictures: a point each, by PCA, t-SNE or UMAP, of pixels or of what a layer sees.

In: a `MapSpec`, which says of what, of which pictures, by which method. Out: a stored map with its frames and figures
of how far it can be trusted. The layouts are in embedding/; here they are made by a job, stored, found and searched.
"""
