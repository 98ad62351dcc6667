# pass
# The folder made anew has files in it again, one of them with the old name.
images
stack image2:image1
change_all
echo new >merge/dir/old
echo more >merge/dir/more
