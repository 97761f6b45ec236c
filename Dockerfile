# SPDX-License-Identifier: Apache-2.0
# A machine that has what scripts/setup.sh installs, and nothing else:
#
#   docker build -t outboard .                          the demo and builds; --build-arg PARTS=test for the tests as well
#   docker run --rm -it -v "$PWD:/work" outboard        a shell in this tree; build/deps in it is the image's
#
# Not tried with Docker: a test compares what it runs with set-up, and the same set-up runs on a bare Debian 12 (debootstrap).
FROM debian:bookworm-slim
ARG PARTS=""
RUN apt-get update && apt-get install -y --no-install-recommends bash ca-certificates git make
COPY scripts/ /opt/outboard/scripts/
COPY third_party/ /opt/outboard/third_party/
RUN /opt/outboard/scripts/setup.sh $PARTS && rm -rf /var/lib/apt/lists/* /root/.cache
RUN printf '#!/bin/sh\nmkdir -p build && [ -e build/deps ] || ln -s /opt/outboard/build/deps build/deps\nexec "$@"\n' >/usr/local/bin/in-tree && \
    chmod +x /usr/local/bin/in-tree
WORKDIR /work
ENTRYPOINT ["in-tree"]
CMD ["bash"]
