# What `cmake --install` puts where. Folders that own an installed file list it here.
