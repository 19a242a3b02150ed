"""A client as projects of TensorFlow 1 days have it, in the manner of label_image.py; nothing of modelport is known.

python old_client.py GRAPH LABELS IMAGE... prints the TensorFlow release, and for each image its label and score.
"""

import json
import sys

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()


def main(graph_file: str, label_file: str, image_files: list[str]) -> None:
    label_lines = [line.rstrip() for line in tf.gfile.GFile(label_file)]
    with tf.gfile.FastGFile(graph_file, "rb") as f:
        graph_def = tf.GraphDef()
        graph_def.ParseFromString(f.read())
        tf.import_graph_def(graph_def, name="")
    found = []
    with tf.Session() as sess:
        softmax_tensor = sess.graph.get_tensor_by_name("final_result:0")
        for image_file in image_files:
            image_data = tf.gfile.FastGFile(image_file, "rb").read()
            predictions = sess.run(softmax_tensor, {"DecodeJpeg/contents:0": image_data})
            top_k = predictions[0].argsort()[-len(predictions[0]) :][::-1]
            found.append([label_lines[top_k[0]], float(predictions[0][top_k[0]])])
    print(json.dumps({"tensorflow": tf.__version__, "found": found}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
