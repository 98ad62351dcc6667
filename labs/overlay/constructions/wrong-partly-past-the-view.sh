# fail copied-up
# One file was changed through the merged view, and another one emptied past it.
images
stack image2:image1
change_all
: >container/c
